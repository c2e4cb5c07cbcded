// The plant of the interoperability tests: one node of every kind that plants
// have. All are in the server's own namespace, with their names as identifiers.
"use strict";

const { AccessLevelFlag, DataType, StatusCodes, Variant, VariantArrayType, coerceInt64, standardUnits } = require("node-opcua");

const typesURI = "urn:northfield:types";
const kept = 100_000; // values in the history of each node that has one

// The nodes with values of built-in types, and their first values as JSON has
// them.
const scalars = {
  Boolean: [DataType.Boolean, true],
  SByte: [DataType.SByte, -7],
  Byte: [DataType.Byte, 200],
  Int16: [DataType.Int16, -1234],
  UInt16: [DataType.UInt16, 43210],
  Int32: [DataType.Int32, -70000],
  UInt32: [DataType.UInt32, 4000000000],
  Int64: [DataType.Int64, -1099511627776],
  UInt64: [DataType.UInt64, 1099511627776],
  Float: [DataType.Float, 0.5],
  Double: [DataType.Double, 12.75],
  String: [DataType.String, "Füllstand"],
  DateTime: [DataType.DateTime, "2026-03-02T05:59:58.250Z"],
  ByteString: [DataType.ByteString, "ff00a1"],
  LocalizedText: [DataType.LocalizedText, "läuft"],
  Total: [DataType.UInt32, 0],
  Level: [DataType.Double, 50],
};

const arrays = {
  Zones: [DataType.Double, [20.5, 21.5, 22.5]],
  Counts: [DataType.UInt32, [1, 2, 3, 4]],
  Names: [DataType.String, ["north", "south"]],
};

// raw makes what node-opcua takes of a value in JSON.
function raw(dataType, value) {
  switch (dataType) {
    case DataType.Int64:
    case DataType.UInt64:
      return coerceInt64(String(value)); // of a negative number it takes the text only
    case DataType.DateTime:
      return new Date(value);
    case DataType.ByteString:
      return Buffer.from(value, "hex");
    case DataType.LocalizedText:
      return { text: value };
  }
  return value;
}

// A Node is one variable with what a change of it needs.
class Node {
  constructor(variable, variant) {
    this.variable = variable;
    this.variant = variant; // makes a Variant of a value in JSON
    this.last = 0; // ms since 1970 of its last change
  }

  // set gives the node a value at a time in ms since 1970, or, without one, now;
  // a time stamp never comes twice. It returns the change as it is told.
  set(value, at, status) {
    this.last = at ?? Math.max(Date.now(), this.last + 1);
    this.value = value;
    const before = this.variable.readValue();
    this.variable.setValueFromSource(this.variant(value), StatusCodes[status ?? "Good"], new Date(this.last));
    // node-opcua tells nobody of a structure that is replaced.
    const now = this.variable.readValue();
    if (now.value.dataType === DataType.ExtensionObject) this.variable.emit("value_changed", now, before);
    return this.told();
  }

  told() {
    return { at: this.last, value: this.value };
  }
}

// build adds all nodes to the server's address space and returns them by name.
function build(addressSpace) {
  const namespace = addressSpace.getOwnNamespace();
  const area = namespace.addObject({
    browseName: "Packing",
    nodeId: "s=Packing",
    organizedBy: addressSpace.rootFolder.objects,
    notifierOf: addressSpace.rootFolder.objects.server,
  });
  const plant = { nodes: {}, area, addressSpace, namespace };
  for (const [name, [dataType, value]] of Object.entries(scalars)) {
    add(plant, name, { dataType }, (v) => new Variant({ dataType, arrayType: VariantArrayType.Scalar, value: raw(dataType, v) }), value);
  }
  for (const [name, [dataType, value]] of Object.entries(arrays)) {
    add(plant, name, { dataType, valueRank: 1 }, (v) => new Variant({ dataType, arrayType: VariantArrayType.Array, value: v }), value);
  }
  const matrix = (v) =>
    new Variant({ dataType: DataType.Double, arrayType: VariantArrayType.Matrix, dimensions: [v.length, v[0].length], value: Float64Array.from(v.flat()) });
  add(plant, "Matrix", { dataType: DataType.Double, valueRank: 2, arrayDimensions: [0, 0] }, matrix, [[1, 2, 3], [4, 5, 6]]);
  addUnits(plant);
  addEnumerations(plant);
  addStructures(plant);
  addHistory(plant);
  addAlarms(plant);
  return plant;
}

// add makes a variable below the area.
function add(plant, name, options, variant, value) {
  const variable = plant.namespace.addVariable({ componentOf: plant.area, browseName: name, nodeId: "s=" + name, minimumSamplingInterval: 0, ...options });
  return take(plant, name, variable, variant, value);
}

function take(plant, name, variable, variant, value) {
  const node = new Node(variable, variant);
  node.set(value);
  plant.nodes[name] = node;
  return node;
}

// extend makes a hall of cells, as large plants have them, each with its number
// as value.
function extend({ addressSpace, namespace }, count) {
  const hall = namespace.addObject({ browseName: "Hall", nodeId: "s=Hall", organizedBy: addressSpace.rootFolder.objects });
  for (let n = 0; n < count; n++) {
    const name = "Cell" + n;
    const variable = namespace.addVariable({ componentOf: hall, browseName: name, nodeId: "s=" + name, dataType: DataType.UInt32, minimumSamplingInterval: 0 });
    variable.setValueFromSource(new Variant({ dataType: DataType.UInt32, value: n }), StatusCodes.Good, new Date());
  }
}

// addUnits makes a temperature with its unit and range.
function addUnits(plant) {
  const variable = plant.namespace.addAnalogDataItem({
    componentOf: plant.area,
    browseName: "Temperature",
    nodeId: "s=Temperature",
    dataType: "Double",
    engineeringUnitsRange: { low: 0, high: 200 },
    engineeringUnits: standardUnits.degree_celsius,
    minimumSamplingInterval: 0,
  });
  take(plant, "Temperature", variable, (value) => new Variant({ dataType: DataType.Double, value }), 60.5);
}

// addEnumerations makes one whose names stand in EnumStrings and EnumDefinition
// and one with gaps, whose names stand in EnumValues.
function addEnumerations(plant) {
  const { addressSpace, namespace } = plant;
  const variant = (value) => new Variant({ dataType: DataType.Int32, value });
  const state = addressSpace.findDataType("DriveState", addressSpace.getNamespaceIndex(typesURI));
  add(plant, "DriveState", { dataType: state.nodeId }, variant, 1);
  const grade = namespace.addEnumerationType({
    browseName: "Grade",
    enumeration: [
      { displayName: "Best", value: 10, description: "" },
      { displayName: "Second", value: 20, description: "" },
      { displayName: "Scrap", value: 99, description: "" },
    ],
  });
  add(plant, "Grade", { dataType: grade.nodeId }, variant, 20);
}

// addStructures makes a structure, an array of them, one with others inside and
// one with optional fields.
function addStructures(plant) {
  const { addressSpace } = plant;
  const index = addressSpace.getNamespaceIndex(typesURI);
  const typeOf = (name) => addressSpace.findDataType(name, index);
  const make = (name) => (v) => addressSpace.constructExtensionObject(typeOf(name), v);
  const one = (name) => (v) => new Variant({ dataType: DataType.ExtensionObject, value: make(name)(v) });
  const many = (name) => (v) => new Variant({ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value: v.map(make(name)) });
  const drive = (name, speed, state) => ({ name, speed, state, bearings: [40.5, 41.5] });
  add(plant, "Drive", { dataType: typeOf("Drive").nodeId }, one("Drive"), drive("M1", 1480.5, 1));
  add(plant, "Drives", { dataType: typeOf("Drive").nodeId, valueRank: 1 }, many("Drive"), [drive("M1", 1480.5, 1), drive("M2", 0, 0), drive("M3", 990.25, 2)]);
  const conveyor = { hours: 1234, main: drive("C0", 50.5, 1), drives: [drive("C1", 10.5, 1), drive("C2", 20.5, 2)] };
  add(plant, "Conveyor", { dataType: typeOf("Conveyor").nodeId }, one("Conveyor"), conveyor);
  add(plant, "Inspection", { dataType: typeOf("Inspection").nodeId }, one("Inspection"), { width: 80.25, defects: 3 });
}

// addHistory has the server keep what Total and Temperature were.
function addHistory(plant) {
  for (const name of ["Total", "Temperature"]) {
    const { variable } = plant.nodes[name];
    const access = AccessLevelFlag.CurrentRead | AccessLevelFlag.HistoryRead;
    variable.accessLevel = variable.userAccessLevel = access;
    plant.addressSpace.installHistoricalDataNode(variable, { maxOnlineValues: kept });
  }
}

// addAlarms watches the level of a tank.
function addAlarms(plant) {
  plant.addressSpace.installAlarmsAndConditionsService();
  const tank = plant.namespace.addObject({ browseName: "Tank", nodeId: "s=Tank", componentOf: plant.area, eventSourceOf: plant.area });
  plant.namespace.instantiateExclusiveLimitAlarm("ExclusiveLimitAlarmType", {
    browseName: "LevelAlarm",
    componentOf: tank,
    conditionName: "LevelAlarm",
    conditionSource: tank,
    inputNode: plant.nodes.Level.variable,
    optionals: ["ConfirmedState", "Confirm"],
    lowLowLimit: 5,
    lowLimit: 10,
    highLimit: 90,
    highHighLimit: 95,
  });
}

module.exports = { build, extend };
