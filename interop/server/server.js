// An OPC UA server for tests, with every security policy and mode, users with
// passwords and with certificates, history, alarms and structures. Standard
// input takes commands, one JSON object a line; each is answered with a line of
// the same id, which has an error when it could not be done:
//
//	{"id":1,"op":"set","node":"Level","value":95.5}                         → {"id":1,"told":[{"at":…,"value":95.5}]}
//	{"id":2,"op":"count","node":"Total","from":1,"to":500,"every":2}        → once all are told: {"id":2,"told":[…]}
//	{"id":3,"op":"told","node":"Total"}                                     → what it is now
//	{"id":4,"op":"cut"}                                                     → all connections are broken
//	{"id":5,"op":"end_sessions","keep":true}                                → all sessions are closed, subscriptions kept or not
//	{"id":6,"op":"event","severity":300,"message":"Door open"}              → the server raises an event
//	{"id":7,"op":"trust_user","file":"user.der"}                            → that certificate may log in
//	{"id":8,"op":"counts"}                                                  → {"id":8,"sessions":1,"subscriptions":1,"keys":1,"items":12}
//	{"id":9,"op":"extend","count":2500}                                     → nodes Cell0 to Cell2499 with their numbers as values
//
// The first line it prints, without id, says that it is ready. Times are ms
// since 1970. The server ends with its input. Options, each as name=value:
//
//	port=0      where it listens, on 127.0.0.1; 0 takes a free one
//	dir=DIR     where its certificate and those it trusts are kept
//	keys=600000 for how many ms the keys of a channel are good, at least 2500
"use strict";

// Libraries print warnings; standard output belongs to the lines above.
console.log = console.error;

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const opcua = require("node-opcua");
const { build, extend } = require("./plant.js");

const options = { port: "0", dir: ".", keys: "600000" };
for (const argument of process.argv.slice(2)) {
  const [name, value] = argument.split(/=(.*)/s);
  if (!(name in options) || value === undefined) fail(`option ${argument}: want one of ${Object.keys(options).join(", ")}, as name=value`);
  options[name] = value;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

function tell(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

const users = { andon: "geheim äöü", operator: "packing" };

// Every change is reported, whatever sampling interval a client asks for: the
// server works by exception, as the standard calls it, so that what arrives
// does not depend on timers.
opcua.Subscription.prototype.adjustSamplingInterval = () => 0;

async function manager(name, anybody) {
  const m = new opcua.OPCUACertificateManager({ rootFolder: path.join(options.dir, name), automaticallyAcceptUnknownCertificate: anybody });
  await m.initialize();
  return m;
}

async function start() {
  const { MessageSecurityMode: mode, SecurityPolicy: policy } = opcua;
  const userCertificates = await manager("users", false);
  const server = new opcua.OPCUAServer({
    hostname: "127.0.0.1",
    host: "127.0.0.1",
    port: Number(options.port),
    nodeset_filename: [opcua.nodesets.standard, path.join(__dirname, "types.xml")],
    serverInfo: { applicationUri: "urn:northfield:interop" },
    securityModes: [mode.None, mode.Sign, mode.SignAndEncrypt],
    securityPolicies: [policy.None, policy.Basic256Sha256, policy.Aes128_Sha256_RsaOaep, policy.Aes256_Sha256_RsaPss],
    serverCertificateManager: await manager("pki", true),
    userCertificateManager: userCertificates,
    allowAnonymous: true,
    defaultSecureTokenLifetime: Number(options.keys),
    userManager: { isValidUser: (name, password) => Object.hasOwn(users, name) && users[name] === password },
    serverCapabilities: { maxSessions: 20, operationLimits: { maxNodesPerRead: 1000, maxMonitoredItemsPerCall: 1000, maxNodesPerBrowse: 100, maxNodesPerHistoryReadData: 10 } },
  });
  await server.initialize();
  const plant = build(server.engine.addressSpace);
  await server.start();
  fs.copyFileSync(server.certificateFile, path.join(options.dir, "server.pem"));
  return { server, plant, userCertificates };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Changes in a row that are due are made before the next look at the clock.
async function count({ plant }, { node, from, to, every }) {
  const told = [];
  const began = performance.now();
  for (let n = from; n <= to; n++) {
    while (performance.now() - began < (n - from) * (every ?? 0)) await pause(1);
    told.push(find(plant, node).set(n));
  }
  return { told };
}

function find(plant, name) {
  if (!Object.hasOwn(plant.nodes, name)) throw new Error(`there is no node ${name}`);
  return plant.nodes[name];
}

// endSessions ends all sessions, as an operator of the server may.
function endSessions({ server }, { keep }) {
  for (const session of Object.values(server.engine._sessions)) server.engine.closeSession(session.authenticationToken, !keep, "Terminated");
}

// monitored is how many items all sessions have together.
function monitored({ engine }) {
  const subscriptions = Object.values(engine._sessions).flatMap((session) => session.publishEngine.subscriptions);
  return subscriptions.reduce((sum, subscription) => sum + subscription.monitoredItemCount, 0);
}

function raise({ plant }, { severity, message }) {
  plant.area.raiseEvent("SystemEventType", {
    message: { dataType: opcua.DataType.LocalizedText, value: { text: message } },
    severity: { dataType: opcua.DataType.UInt16, value: severity },
  });
}

// keys counts those that the channels have had, with the first ones.
const keys = (server) => server.endpoints.flatMap((e) => e.getChannels()).reduce((n, channel) => n + channel.securityTokenCount, 0);

const operations = {
  set: ({ plant }, { node, value, at, status }) => ({ told: [find(plant, node).set(value, at, status)] }),
  count,
  told: ({ plant }, { node }) => ({ told: [find(plant, node).told()] }),
  cut: ({ server }) => server.endpoints.forEach((e) => e.abruptlyInterruptChannels()),
  end_sessions: endSessions,
  event: raise,
  trust_user: ({ userCertificates }, { file }) => userCertificates.trustCertificate(fs.readFileSync(file)),
  counts: ({ server }) => ({
    sessions: server.engine.currentSessionCount, subscriptions: server.engine.currentSubscriptionCount, keys: keys(server), items: monitored(server),
  }),
  extend: ({ plant }, { count }) => extend(plant, count),
};

async function answer(running, line) {
  const command = JSON.parse(line);
  try {
    if (!Object.hasOwn(operations, command.op)) throw new Error(`there is no operation ${command.op}`);
    tell({ id: command.id, ...(await operations[command.op](running, command)) });
  } catch (error) {
    tell({ id: command.id, error: error.message });
  }
}

async function main() {
  const running = await start();
  const { server, plant } = running;
  tell({ port: server.endpoints[0].port, namespace: plant.namespace.namespaceUri });
  for await (const line of readline.createInterface({ input: process.stdin })) answer(running, line); // several may be under way
  process.exit(0);
}

main().catch((error) => fail(error.stack));
