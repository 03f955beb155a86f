import logging.config

thread = logging.config.listen(9999, verify=check_signature)
logging.config.dictConfig(settings)
