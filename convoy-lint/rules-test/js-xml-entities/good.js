libxml.parseXmlString(text, { noent: false });
