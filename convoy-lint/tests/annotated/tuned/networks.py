import ftplib
import smtplib
import socket
import telnetlib
import xml.etree.ElementTree as ET
import xmlrpc.server
from http.server import HTTPServer, SimpleHTTPRequestHandler

import requests
import urllib3
from lxml import etree


def plain():
    telnetlib.Telnet("host")  # CWE-319
    ftplib.FTP("host")  # CWE-319
    requests.get("http://api.shop.org/login")  # CWE-319
    server = socket.socket()
    server.bind(("0.0.0.0", 80))  # CWE-200,668
    urllib3.disable_warnings()
    return server


def checked():
    session = requests.Session()
    session.verify = False  # CWE-295
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE")  # CWE-295
    return session, pool


def fine():
    ftplib.FTP_TLS("host")
    requests.get("https://api.shop.org")
    server = socket.socket()
    server.bind(("127.0.0.1", 80))
    return server
