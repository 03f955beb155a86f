# bad
parser = etree.XMLParser(resolve_entities=True)
