// How a driver in JavaScript is talked to: as `talk.py` says.

const readline = require("node:readline");

exports.given = JSON.parse(process.argv[2]);

exports.converse = async (verbs) => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, ...words] = JSON.parse(line);
    console.log(JSON.stringify(await outcome(verbs[verb], words)));
  }
};

async function outcome(verb, words) {
  try {
    return { returned: (await verb(...words)) ?? null };
  } catch (error) {
    return { raised: error.name, message: error.message };
  }
}
