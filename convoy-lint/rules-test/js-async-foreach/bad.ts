// bad
files.forEach(async (file) => {
  await work(file);
});
