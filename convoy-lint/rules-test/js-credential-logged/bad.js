function login(name, password) {
  // bad
  console.log(password);
  // bad
  console.log("trying " + name + " with " + password);
  // bad
  logger.debug(`${name}: ${config.apiKey}`);
}
