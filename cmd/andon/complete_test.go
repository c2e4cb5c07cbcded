package main

import (
	"strings"
	"testing"
)

func TestWhatAnAddressCanHaveIsCompleted(t *testing.T) {
	for flag, want := range map[string]string{"--policy": "Aes256_Sha256_RsaPss\n", "--mode": "SignAndEncrypt\n"} {
		for _, command := range []string{"browse", "probe"} {
			out, _, err := tool(t, "__complete", command, "opc.tcp://plc:4840", flag, "")
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%s %s: got %q, %v; want %s", command, flag, out, err, want)
			}
		}
	}
}

func TestOnlyOPCUASourcesAreCompletedWhereOthersAreRefused(t *testing.T) {
	file := packingConfig(t, opcuaSource("opc.tcp://127.0.0.1:1")+`
  - {name: broker, mqtt: {url: "tcp://127.0.0.1:1", subscriptions: [{topic: "plant/{area}/{line}/{equipment}", place: {site: northfield}}]}}`)
	for command, want := range map[string]bool{"browse": false, "probe": false, "tail": true} {
		out, _, err := tool(t, "__complete", command, "-c", file, "")
		if err != nil || !strings.HasPrefix(out, "packing\n") || strings.Contains(out, "broker") != want {
			t.Errorf("%s: got %q, %v; want packing, and the broker: %v", command, out, err, want)
		}
	}
}
