// An OPC UA server for load tests. Standard input takes the lines go, stop and
// counts; standard output says, one JSON object a line, what happens; the
// server ends with its input. Which lines there are: ../internal/generator.
// Options, each as name=value:
//
//	port=4840            where it listens, on 127.0.0.1
//	nodes=5000           how many there are
//	interval=1000        ms in which each node changes once
//	warmup=2000          ms of load before the measurement
//	window=15000         ms of load in the measurement
//	items_per_call=1000  most monitored items in a request; 0: any number
//	secure=DIR           Basic256Sha256, SignAndEncrypt only; its certificate is
//	                     DIR/server.pem
//	user=NAME:PASSWORD   who may log in, besides anonymous users when not given
"use strict";

// Libraries print warnings; standard output belongs to the lines below.
console.log = console.error;

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const opcua = require("node-opcua");
const { build, order } = require("./plant.js");
const { Load } = require("./load.js");

const options = { port: 4840, nodes: 1000, interval: 1000, warmup: 2000, window: 15000, items_per_call: 0, secure: "", user: "" };
for (const argument of process.argv.slice(2)) {
  const [name, value] = argument.split(/=(.*)/s);
  if (!(name in options) || value === undefined) fail(`option ${argument}: want one of ${Object.keys(options).join(", ")}, as name=value`);
  options[name] = typeof options[name] === "number" ? Number(value) : value;
  if (Number.isNaN(options[name])) fail(`option ${argument}: want a number`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

function tell(event) {
  process.stdout.write(JSON.stringify(event) + "\n");
}

// Every change is reported, whatever sampling interval a client asks for: the
// server works by exception, as the standard calls it. So it does not depend on
// a client's sampling, nor on the server's timers, what arrives.
opcua.Subscription.prototype.adjustSamplingInterval = () => 0;

// certificates returns the settings for encryption.
async function certificates(dir) {
  const manager = new opcua.OPCUACertificateManager({ rootFolder: path.join(dir, "pki"), automaticallyAcceptUnknownCertificate: true });
  await manager.initialize();
  return { serverCertificateManager: manager, userCertificateManager: manager };
}

function security() {
  const { MessageSecurityMode, SecurityPolicy } = opcua;
  if (options.secure === "") return { securityModes: [MessageSecurityMode.None], securityPolicies: [SecurityPolicy.None] };
  return { securityModes: [MessageSecurityMode.SignAndEncrypt], securityPolicies: [SecurityPolicy.Basic256Sha256] };
}

async function main() {
  const dir = options.secure || fs.mkdtempSync(path.join(require("node:os").tmpdir(), "bench-opcua-"));
  const [name, password] = options.user.split(/:(.*)/s);
  const server = new opcua.OPCUAServer({
    hostname: "127.0.0.1",
    host: "127.0.0.1",
    port: options.port,
    ...security(),
    ...(await certificates(dir)),
    allowAnonymous: options.user === "",
    userManager: { isValidUser: (n, p) => n === name && p === password },
    serverCapabilities: { operationLimits: { maxMonitoredItemsPerCall: options.items_per_call } },
  });
  await server.initialize();
  const nodes = build(server.engine.addressSpace, options.nodes);
  await server.start();
  if (options.secure !== "") fs.copyFileSync(server.certificateFile, path.join(dir, "server.pem"));

  const load = new Load(order(nodes), options, tell);
  load.hello();
  tell({ event: "ready", at: Date.now(), sent: 0 });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === "go") load.start();
    if (line === "stop") load.stop();
    if (line === "counts") tell({ event: "counts", at: Date.now(), sent: load.sent, counts: nodes.map((n) => n.counted) });
  }
  if (options.secure === "") fs.rmSync(dir, { recursive: true, force: true });
  process.exit(0);
}

main().catch((error) => fail(error.stack));
