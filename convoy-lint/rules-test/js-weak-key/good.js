crypto.generateKeyPairSync('rsa', { modulusLength: 3072 });
bcrypt.hash(password, 12);
crypto.pbkdf2Sync(password, salt, 600000, 32, 'sha256');
