import telnetlib

# bad
telnetlib.Telnet("host")
