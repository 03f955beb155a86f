import logging.config

# bad
thread = logging.config.listen(9999)
