const crypto = require('crypto');
const { createHash, createCipheriv, createHmac } = require('crypto');
const https = require('https');
const tls = require('tls');

exports.digests = (data, password) => {
  crypto.createHash('md5').update(data).digest('hex'); // CWE-327,328
  createHash('sha1').update(data); // CWE-327,328
  crypto.createHash('sha256').update(password).digest('hex'); // CWE-916,327
  crypto.pbkdf2Sync(password, 'salt', 1000, 32, 'sha1'); // CWE-916,760,327
  createHmac('sha256', 'the-hmac-key').update(data); // CWE-798
  crypto.createHmac('md5', process.env.KEY); // CWE-327,328
};

exports.ciphers = (key, iv) => {
  crypto.createCipher('aes-256-cbc', key); // CWE-327
  createCipheriv('des-ede3-cbc', key, iv); // CWE-327
  crypto.createCipheriv('aes-128-ecb', key, null); // CWE-327
  crypto.createCipheriv('aes-256-cbc', key, '0123456789abcdef'); // CWE-329
  crypto.createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)); // CWE-329,321
  crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }); // CWE-326
};

exports.sessions = () => {
  const token = Math.random().toString(36).slice(2); // CWE-330,338
  const sessionId = 's' + Math.random(); // CWE-330,338
  crypto.pseudoRandomBytes(16); // CWE-330,338
  https.request({ host: 'a', rejectUnauthorized: false }); // CWE-295
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // CWE-295
  tls.connect({ secureProtocol: 'TLSv1_method' }); // CWE-327,326
  return { token, sessionId };
};

exports.good = (data, key) => {
  crypto.createHash('sha256').update(data);
  crypto.createCipheriv('aes-256-gcm', key, crypto.randomBytes(12));
  const angle = Math.random() * 360;
  const token = crypto.randomBytes(32).toString('hex');
  crypto.generateKeyPairSync('rsa', { modulusLength: 3072 });
  return { angle, token };
};
