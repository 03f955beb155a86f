// bad
const allowed = /^https?:\/\/www.shop.com$/;
