crypto.createHmac('sha256', key);
crypto.randomBytes(16);
