// mongodb-atlas-api-client: has no method to cancel, but its read takes another one. It returns bodies, whatever the
// status. It cannot list restore jobs.

const connect = require("mongodb-atlas-api-client");
const { given, converse } = require("./talk.js");

const { cloudBackup } = connect({
  publicKey: given.username,
  privateKey: given.password,
  baseUrl: `${given.url}/api/atlas/v1.0`,
  projectId: given.project,
});

converse({
  create: (snapshotId) => cloudBackup.createSnapshotRestoreJob(given.cluster, { deliveryType: "download", snapshotId }),
  read: (id) => cloudBackup.getSnapshotRestoreJob(given.cluster, id),
  cancel: (id) => cloudBackup.getSnapshotRestoreJob(given.cluster, id, { httpOptions: { method: "DELETE" } }),
});
