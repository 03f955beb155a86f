from pysnmp.hlapi import UsmUserData

a = UsmUserData(user, auth_key, privacy_key)
b = UsmUserData(user, auth_key, privKey=privacy_key)
