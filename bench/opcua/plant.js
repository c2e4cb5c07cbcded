// The plant of the load: machines with ten tags each, in lines of ten.
// Node n is tag n % 10 of machine n / 10; its id is ns=1;s=n00000 and so on.
"use strict";

const { DataType, StatusCodes, Variant } = require("node-opcua");

// What a tag's value is after its n-th change. Every change gives another
// value, because a server tells nobody of a value that stays what it is.
const tags = [
  { name: "state", type: DataType.Int32, value: state },
  { name: "total", type: DataType.UInt32, value: (n) => 1000 + n * 25 },
  { name: "reject", type: DataType.UInt32, value: (n) => 10 + n },
  ...["speed", "temp", "vibration", "pressure", "current", "level", "torque"].map((name) => ({
    name,
    type: DataType.Float,
    value: wave,
  })),
];

// A machine runs for 50 changes of 60 and is held for ten; it shows each in two
// PackML states of the same meaning: 6 Execute and 16 Completing, 11 Held and
// 17 Complete.
function state(n, machine) {
  const running = (n + machine * 7) % 60 < 50;
  if (n % 2 === 0) return running ? 6 : 11;
  return running ? 16 : 17;
}

// Measurements go up and down between 40 and 60. The step is odd and the turning
// points are whole, so that no two values in a row are equal.
function wave(n, machine) {
  const at = (n * 37 + machine * 211) % 2000;
  return 40 + Math.min(at, 2000 - at) * 0.02;
}

// One node with what its next change needs.
class Node {
  constructor(variable, tag, machine) {
    this.variable = variable;
    this.tag = tag;
    this.machine = machine;
    this.changes = 0; // since the server's start
    this.counted = 0; // since the load's start
    this.last = 0; // time stamp of its last change, ms
  }

  // change gives the node its next value at a time in ms since 1970, or one
  // millisecond after its last change: a time stamp never comes twice.
  change(now) {
    this.last = Math.max(now, this.last + 1);
    this.changes++;
    const value = this.tag.value(this.changes, this.machine);
    this.variable.setValueFromSource(new Variant({ dataType: this.tag.type, value }), StatusCodes.Good, new Date(this.last));
  }
}

const folderSize = 100; // nodes

// build adds the nodes to a server's address space.
function build(addressSpace, count) {
  const namespace = addressSpace.getOwnNamespace();
  const nodes = [];
  let folder;
  for (let n = 0; n < count; n++) {
    // Adding to a folder costs time in proportion to what is in it.
    if (n % folderSize === 0) folder = namespace.addFolder(addressSpace.rootFolder.objects, { browseName: "Line" + n / folderSize });
    const id = "n" + String(n).padStart(5, "0");
    const tag = tags[n % tags.length];
    const variable = namespace.addVariable({
      organizedBy: folder,
      browseName: id,
      nodeId: "s=" + id,
      dataType: DataType[tag.type],
      minimumSamplingInterval: 0,
    });
    const node = new Node(variable, tag, Math.floor(n / tags.length));
    node.change(Date.now());
    nodes.push(node);
  }
  return nodes;
}

// order returns the nodes as they change: a tag of all machines, then the next
// tag, as the MQTT load does, so that a machine's changes are spread over time.
function order(nodes) {
  const all = [];
  for (let tag = 0; tag < tags.length; tag++) {
    for (let n = tag; n < nodes.length; n += tags.length) all.push(nodes[n]);
  }
  return all;
}

module.exports = { build, order };
