// Prints the roots and proofs of a small log as the library transparency-dev/merkle (the one behind
// Certificate Transparency logs) computes them, with keccak-256 in place of SHA-256.
//
//	go run . > ../merkle.json
//
// Leaf i is keccak256(0x00 ‖ byte i). For every size up to 70: the root, and the keccak-256 of all
// inclusion paths (leaf 0 first) and of all consistency paths (from size 1 on) one after another.
// For the sizes below 10 the paths themselves stand there, too.
package main

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"os"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/crypto/sha3"
)

const most, spelled = 70, 10

type vector struct {
	Size              uint64   `json:"size"`
	Root              string   `json:"root"`
	InclusionDigest   string   `json:"inclusion_digest"`
	ConsistencyDigest string   `json:"consistency_digest"`
	Inclusion         []string `json:"inclusion,omitempty"`
	Consistency       []string `json:"consistency,omitempty"`
}

func main() {
	// The library takes any registered hash; this one stands in the place of one it does not use.
	crypto.RegisterHash(crypto.SHA3_256, sha3.NewLegacyKeccak256)
	hasher := rfc6962.New(crypto.SHA3_256)
	leaves := make([][]byte, most)
	for i := range leaves {
		leaves[i] = hasher.HashLeaf([]byte{byte(i)})
	}
	var subtree func(level uint, index uint64) []byte
	subtree = func(level uint, index uint64) []byte {
		if level == 0 {
			return leaves[index]
		}
		return hasher.HashChildren(subtree(level-1, 2*index), subtree(level-1, 2*index+1))
	}
	path := func(nodes proof.Nodes) [][]byte {
		hashes := [][]byte{}
		for _, id := range nodes.IDs {
			hashes = append(hashes, subtree(id.Level, id.Index))
		}
		rehashed, err := nodes.Rehash(hashes, hasher.HashChildren)
		check(err)
		return rehashed
	}
	vectors := []vector{}
	roots := map[uint64][]byte{}
	for size := uint64(1); size <= most; size++ {
		made := vector{Size: size}
		inclusions, consistencies := []byte{}, []byte{}
		for index := uint64(0); index < size; index++ {
			nodes, err := proof.Inclusion(index, size)
			check(err)
			hashes := path(nodes)
			if index == 0 {
				roots[size], err = proof.RootFromInclusionProof(hasher, index, size, leaves[index], hashes)
				check(err)
			}
			check(proof.VerifyInclusion(hasher, index, size, leaves[index], hashes, roots[size]))
			joined := join(hashes)
			inclusions = append(inclusions, joined...)
			if size < spelled {
				made.Inclusion = append(made.Inclusion, text(joined))
			}
		}
		for old := uint64(1); old < size; old++ {
			nodes, err := proof.Consistency(old, size)
			check(err)
			hashes := path(nodes)
			check(proof.VerifyConsistency(hasher, old, size, hashes, roots[old], roots[size]))
			joined := join(hashes)
			consistencies = append(consistencies, joined...)
			if size < spelled {
				made.Consistency = append(made.Consistency, text(joined))
			}
		}
		made.Root = text(roots[size])
		made.InclusionDigest, made.ConsistencyDigest = text(digest(inclusions)), text(digest(consistencies))
		vectors = append(vectors, made)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", " ")
	check(out.Encode(map[string]any{"library": "github.com/transparency-dev/merkle", "vectors": vectors}))
}

func join(hashes [][]byte) []byte {
	joined := []byte{}
	for _, hash := range hashes {
		joined = append(joined, hash...)
	}
	return joined
}

func digest(data []byte) []byte {
	hash := sha3.NewLegacyKeccak256()
	hash.Write(data)
	return hash.Sum(nil)
}

func text(data []byte) string { return "0x" + hex.EncodeToString(data) }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
