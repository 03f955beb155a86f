// bad
crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
// bad
bcrypt.hash(password, 4);
// bad
crypto.pbkdf2Sync(password, salt, 1000, 32, 'sha256');
