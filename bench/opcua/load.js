// The load: every node changes once an interval, spread evenly over it.
"use strict";

const slice = 10; // ms between two looks at what has become due
const helloEvery = 200; // ms between two changes of the first node before the load

// A Load changes nodes from start to the end of warm-up and window. Tell is
// called with what the program says, one object a line.
class Load {
  constructor(nodes, options, tell) {
    this.nodes = nodes;
    this.perSecond = (nodes.length * 1000) / options.interval;
    this.warmup = options.warmup;
    this.length = options.warmup + options.window;
    this.tell = tell;
    this.sent = 0;
    this.latest = 0; // most ms that a slice came late
  }

  // hello changes the first node now and then until start, so that a
  // subscriber's way to the database is seen to work.
  hello() {
    this.timer = setInterval(() => this.nodes[0].change(Date.now()), helloEvery);
  }

  start() {
    clearInterval(this.timer);
    // Later than the last hello, which must not be counted.
    this.begin = Math.max(Date.now(), this.nodes[0].last + 1);
    this.clock = performance.now();
    this.previous = 0;
    this.second = 1000;
    this.tell({ event: "start", at: this.begin, sent: 0 });
    this.timer = setInterval(() => this.step(), slice);
  }

  // step makes the changes that have become due. What a busy process is late
  // with comes at once, with the time at which it comes.
  step() {
    const elapsed = Math.min(performance.now() - this.clock, this.length);
    this.latest = Math.max(this.latest, elapsed - this.previous - slice);
    const now = Math.max(Date.now(), this.begin);
    const due = Math.floor((this.perSecond * elapsed) / 1000);
    for (; this.sent < due; this.sent++) {
      const node = this.nodes[this.sent % this.nodes.length];
      node.change(now);
      node.counted++;
    }
    if (this.previous < this.warmup && elapsed >= this.warmup) this.say("measure");
    for (; elapsed >= this.second; this.second += 1000) this.say("sent");
    this.previous = elapsed;
    if (elapsed >= this.length) this.stop();
  }

  say(event) {
    this.tell({ event, at: Date.now(), sent: this.sent });
  }

  // stop ends the load; a second time it does nothing.
  stop() {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    const planned = Math.floor((this.perSecond * this.length) / 1000);
    this.tell({ event: "done", at: Date.now(), sent: this.sent, planned, late_ms: Math.round(this.latest) });
  }
}

module.exports = { Load };
