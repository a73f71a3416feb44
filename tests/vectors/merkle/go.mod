module vectors

go 1.26.8

require (
	github.com/transparency-dev/merkle v0.0.2
	golang.org/x/crypto v0.58.0
)

require golang.org/x/sys v0.49.0 // indirect
