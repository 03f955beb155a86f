const names = /^[a-z]+(-[a-z]+)*$/;
const words = new RegExp("^(\\w+ )*\\w+$");
const pairs = /(ab)+/;
