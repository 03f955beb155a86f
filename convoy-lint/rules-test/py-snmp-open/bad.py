from pysnmp.hlapi import CommunityData, UsmUserData

# bad
a = CommunityData("public", mpModel=0)
# bad
b = UsmUserData(user)
# bad
c = UsmUserData(user, auth_key)
