package a

import "golang.org/x/crypto/ssh"

func dial() *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: "a",
		// bad
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
}
