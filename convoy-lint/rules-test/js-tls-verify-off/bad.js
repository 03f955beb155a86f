// bad
const agent = new https.Agent({ rejectUnauthorized: false });
// bad
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
