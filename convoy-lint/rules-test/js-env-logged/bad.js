// bad
console.log(process.env);
// bad
logger.info('start', process.env);
