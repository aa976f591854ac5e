// The newest official JavaScript package of Runway: every method that it has for films.
// runway.mjs BASE_URL PHOTO: prints what came back as JSON.
import fs from "node:fs";
import RunwayML, { TaskFailedError, toFile } from "@runwayml/sdk";

const [baseURL, photo] = process.argv.slice(2);
const client = new RunwayML({ baseURL, apiKey: "key_anything" });
const quick = { model: "flipbook", ratio: "320:180", duration: 1 };
const said = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function done(id) {
  const limit = Date.now() + 60_000;
  for (;;) {
    const task = await client.tasks.retrieve(id);
    if (["SUCCEEDED", "FAILED", "CANCELLED"].includes(task.status)) return task;
    if (Date.now() > limit) throw new Error(`still ${task.status}`);
    await pause(100);
  }
}

const bytes = fs.readFileSync(photo);
const dataURL = `data:image/jpeg;base64,${bytes.toString("base64")}`;

const upload = await client.uploads.createEphemeral({ file: fs.createReadStream(photo) });
const named = await client.uploads.createEphemeral({
  file: await toFile(bytes, "photo.jpg", { type: "image/jpeg" }),
  fileMetadata: "from a test",
});
said.uploads = [upload.uri, named.uri];

// the package's own waiting
const first = await client.imageToVideo
  .create({ model: "gen4_turbo", promptImage: upload.uri, promptText: "push in", ratio: "1280:720", duration: 2 })
  .waitForTaskOutput();
said.waited = [first.status, first.output.length, first.cost.credits];
said.report = first.report.done.length;
const film = Buffer.from(await (await fetch(first.output[0])).arrayBuffer());
said.content = film.subarray(4, 8).toString();

said.forms = [];
for (const promptImage of [
  dataURL,
  named.uri,
  [{ uri: dataURL, position: "first" }],
  [{ uri: named.uri, position: "first" }, { uri: named.uri, position: "last" }],
]) {
  const task = await client.imageToVideo.create({ ...quick, promptText: "pan left", promptImage, seed: 7 });
  said.forms.push((await done(task.id)).status);
}

const edit = await client.videoToVideo.create({
  model: "aleph2", videoUri: first.output[0], promptText: "black and white",
});
said.edit = (await done(edit.id)).status;

const failing = client.imageToVideo.create({
  ...quick, promptText: "pan", promptImage: "https://nowhere.invalid/a.png",
});
try {
  await failing.waitForTaskOutput();
} catch (error) {
  said.failed = [error instanceof TaskFailedError, error.taskDetails.failureCode, error.message];
}

const cancelled = await client.imageToVideo.create({
  model: "flipbook", ratio: "1280:720", duration: 30, promptText: "orbit", promptImage: dataURL,
});
await client.tasks.delete(cancelled.id);
try {
  await client.tasks.retrieve(cancelled.id).waitForTaskOutput();
} catch (error) {
  said.cancelled = [error instanceof TaskFailedError, error.taskDetails.status];
}
await client.tasks.delete(first.id);

said.errors = {};
async function refused(name, asked) {
  try {
    await asked();
  } catch (error) {
    said.errors[name] = [error.constructor.name, error.status, error.error.error];
  }
}
await refused("deleted", () => client.tasks.retrieve(first.id));
await refused("words", () => client.textToVideo.create({ model: "gen4.5", promptText: "a cat", ratio: "1280:720", duration: 5 }));
await refused("ratio", () => client.imageToVideo.create({ ...quick, promptImage: dataURL, ratio: "wide" }));
await refused("upscale", () => client.videoUpscale.create({ model: "magnific_video_upscaler_creative", videoUri: dataURL }));
await refused("performance", () => client.characterPerformance.create({
  model: "act_two", character: { type: "image", uri: dataURL }, reference: { type: "video", uri: dataURL },
}));

const organization = await client.organization.retrieve();
said.organization = [organization.creditBalance > 0, organization.usage.models["gen4_turbo"].dailyGenerations >= 0];
const usage = await client.organization.retrieveUsage({});
said.usage = usage.results.length;
console.log(JSON.stringify(said));
