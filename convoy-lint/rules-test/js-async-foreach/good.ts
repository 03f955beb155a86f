files.forEach((file) => work(file));
for (const file of files) await work(file);
await Promise.all(files.map(async (file) => work(file)));
