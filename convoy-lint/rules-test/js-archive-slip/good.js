stream.on('entry', (entry) => {
  entry.pipe(fs.createWriteStream(path.join('/srv', path.basename(entry.path))));
});
