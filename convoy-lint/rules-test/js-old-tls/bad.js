// bad
tls.connect({ secureProtocol: 'TLSv1_method' });
