const options = serialize(own, { unsafe: true, ignoreFunction: true });
worker.run(options);
