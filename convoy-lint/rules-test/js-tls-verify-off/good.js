const agent = new https.Agent({ rejectUnauthorized: true, ca });
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "1";
const text = "rejectUnauthorized: false";
