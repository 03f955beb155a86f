tls.connect({ minVersion: 'TLSv1.2' });
