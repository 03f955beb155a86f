// bad
crypto.createCipheriv('aes-256-cbc', key, '0123456789abcdef');
// bad
crypto.createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
