// A foreign OPC UA server: node-opcua, all policies, user anna / plant-7, COUNT variables that change every PERIOD_MS.
// usage: node server.mjs PORT COUNT PERIOD_MS FOLDER [--shift-namespace]
// Prints "ready" once it serves. Ends with stdin, or is killed.
import { join } from "node:path";
import {
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Variant,
} from "node-opcua";

const [port, count, periodMs] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5];
const shifted = process.argv.includes("--shift-namespace");

const certificates = new OPCUACertificateManager({
  automaticallyAcceptUnknownCertificate: true,
  rootFolder: join(folder, "server-pki"),
});
await certificates.initialize();

const server = new OPCUAServer({
  port,
  hostname: "127.0.0.1",
  alternateHostname: "127.0.0.1",
  resourcePath: "/plant",
  serverCertificateManager: certificates,
  securityPolicies: [
    SecurityPolicy.None,
    SecurityPolicy.Basic256Sha256,
    SecurityPolicy.Aes128_Sha256_RsaOaep,
    SecurityPolicy.Aes256_Sha256_RsaPss,
  ],
  securityModes: [
    MessageSecurityMode.None,
    MessageSecurityMode.Sign,
    MessageSecurityMode.SignAndEncrypt,
  ],
  allowAnonymous: true,
  userManager: { isValidUser: (name, password) => name === "anna" && password === "plant-7" },
  serverInfo: { applicationUri: "urn:interop:plant-server" },
  maxConnectionsPerEndpoint: 50,
});
await server.initialize();

const { addressSpace } = server.engine;
if (shifted) addressSpace.registerNamespace("urn:interop:another");
const namespace = addressSpace.registerNamespace("urn:interop:plant");
const line = namespace.addFolder(addressSpace.rootFolder.objects, { browseName: "Line", nodeId: "s=Line" });
const variables = [];
for (let number = 0; number < count; number += 1) {
  variables.push(
    namespace.addVariable({
      organizedBy: line,
      browseName: `Item${number}`,
      nodeId: `s=Item${number}`,
      dataType: DataType.Double,
      minimumSamplingInterval: 0,
      value: new Variant({ dataType: DataType.Double, value: 0 }),
    }),
  );
}
// Nobody moves this one: only a read can prove it after a restart.
const setPoint = namespace.addVariable({
  organizedBy: line,
  browseName: "SetPoint",
  nodeId: "s=SetPoint",
  dataType: DataType.Double,
});
setPoint.setValueFromSource(
  { dataType: DataType.Double, value: 42 },
  StatusCodes.Good,
  new Date(Date.now() - 3 * 3600 * 1000),
);
const shaky = namespace.addVariable({
  organizedBy: line,
  browseName: "Shaky",
  nodeId: "s=Shaky",
  dataType: DataType.Double,
});
shaky.setValueFromSource({ dataType: DataType.Double, value: 7 }, StatusCodes.UncertainSensorNotAccurate);

await server.start();
let step = 0;
setInterval(() => {
  step += 1;
  const now = new Date();
  for (let number = 0; number < count; number += 1) {
    variables[number].setValueFromSource(
      { dataType: DataType.Double, value: step + number / 10000 },
      StatusCodes.Good,
      now,
    );
  }
}, periodMs);

console.log("ready");
process.stdin.resume();
process.stdin.on("end", async () => {
  await server.shutdown(0);
  process.exit(0);
});
