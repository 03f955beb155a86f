// bad
const names = /^([a-z]+)+$/;
// bad
const words = new RegExp("^(\\w+\\s?)*$");
