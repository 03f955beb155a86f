// bad
libxml.parseXmlString(text, { noent: true });
