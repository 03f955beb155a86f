stream.on('entry', (entry) => {
  // bad
  entry.pipe(fs.createWriteStream(path.join('/srv', entry.path)));
});
