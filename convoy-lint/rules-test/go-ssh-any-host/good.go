package a

import "golang.org/x/crypto/ssh"

func dial(key ssh.PublicKey, strict bool) *ssh.ClientConfig {
	c := &ssh.ClientConfig{HostKeyCallback: ssh.FixedHostKey(key)}
	if !strict {
		c.HostKeyCallback = ssh.InsecureIgnoreHostKey()
	}
	return c
}
