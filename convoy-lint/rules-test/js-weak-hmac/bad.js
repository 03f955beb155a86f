// bad
crypto.createHmac('md5', key);
// bad
crypto.pseudoRandomBytes(16);
