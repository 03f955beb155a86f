package a

const key = "AKIAIOSFODNN7EXAMPLE"

func f() {
	token := os.Getenv("GITHUB_TOKEN")
	prefix := "ghp_"
}
