// Judge in MicroPython: node judge.mjs LOADER FOLDER INPUT OUTPUT.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [loader, folder, input, output] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(loader).href);
const python = await loadMicroPython({ heapsize: 64 * 1024 * 1024 });
python.FS.mkdir("/loose");
for (const name of ["values", "diagnosis", "judging", "wording"]) {
  python.FS.writeFile(`/loose/${name}.py`, readFileSync(`${folder}/${name}.py`, "utf8"));
}
python.FS.writeFile("/input.json", readFileSync(input, "utf8"));
python.runPython(`
import json
import sys

sys.path.append("/")
from loose.judging import judge
from loose.wording import sentences

with open("/input.json") as file:
    given = json.load(file)
made = []
for name, answers, parameters in given["answers"]:
    exercise = given["exercises"][name]
    outcome = judge(exercise, exercise["cases"], answers, parameters)
    lines = ["".join([text for text, _ in line]) for line in sentences(exercise, outcome, "f")]
    made.append([outcome.name, outcome.case, outcome.mistake, outcome.diagnosis, lines])
with open("/output.json", "w") as file:
    json.dump(made, file)
`);
writeFileSync(output, python.FS.readFile("/output.json", { encoding: "utf8" }));
