const allowed = /^https?:\/\/www\.shop\.com$/;
const any = /^https?:\/\/.+/;
