const all = await Promise.all(files.map(async (file) => isOpen(file)));
const open = files.filter((file) => file.open);
