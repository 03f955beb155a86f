crypto.createCipheriv('aes-256-gcm', key, crypto.randomBytes(12));
crypto.createCipheriv('aes-256-gcm', key, iv);
