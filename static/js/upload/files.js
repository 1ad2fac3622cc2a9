// The files of a drop, a paste or a choice; folders are walked through.

const ITEM_TYPE = "application/x-gallerist-item"; // a card of a gallery on its way to another place
const LITTER = /^(\..*|thumbs\.db|desktop\.ini)$/i; // what systems leave behind in folders

export function hasFiles(transfer) {
  return Boolean(transfer) && transfer.types.includes("Files") && !transfer.types.includes(ITEM_TYPE);
}

/** All files of a drop, those in folders too. */
export async function droppedFiles(transfer) {
  // The entries are gone as soon as the event is over, so they are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = await Promise.all(entries.map((entry) => (entry.isFile ? fileOf(entry) : filesInside(entry))));
  return found.flat();
}

/** Of a chosen folder: without what is no picture of anybody. */
export function withoutLitter(files) {
  return [...files].filter((file) => !LITTER.test(file.name));
}

async function filesInside(folder) {
  const found = [];
  for (const entry of await entriesOf(folder)) {
    found.push(...(entry.isFile ? withoutLitter([await fileOf(entry)]) : await filesInside(entry)));
  }
  return found;
}

// One that can't be read becomes an empty file, so that its line says so and the others go on.
function fileOf(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))));
}

// A browser hands out the entries of a folder by the hundred, until it hands out none.
async function entriesOf(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return all;
    all.push(...some);
  }
}
