// Google's own JavaScript packages with vertexai: true, in express mode.
// vertex.mjs ADDRESS PHOTO PACKAGE: prints what came back as JSON.
import fs from "node:fs";

const [address, photo, name] = process.argv.slice(2);
const { GoogleGenAI } = await import(name);
const ai = new GoogleGenAI({ vertexai: true, apiKey: "AQ.any", httpOptions: { baseUrl: address } });
let operation = await ai.models.generateVideos({
  model: "veo-3.1-generate-001",
  source: {
    prompt: "slow dolly in",
    image: { imageBytes: fs.readFileSync(photo).toString("base64"), mimeType: "image/jpeg" },
  },
  config: { durationSeconds: 1, resolution: "180p", seed: 3, numberOfVideos: 2 },
});
const said = { name: operation.name.split("/operations/")[0] };
for (let tries = 0; !operation.done && tries < 600; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  operation = await ai.operations.getVideosOperation({ operation });
}
said.films = operation.response.generatedVideos.map(({ video }) => [
  video.mimeType, Buffer.from(video.videoBytes, "base64").subarray(4, 8).toString(),
]);
console.log(JSON.stringify(said));
