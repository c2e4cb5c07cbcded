package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"

	"github.com/spf13/cobra"
)

// A browseCall is what the flags of andon browse say.
type browseCall struct {
	target
	filter   browse.Filter
	bounds   browse.Bounds
	template browse.Template
	server   bool
	output   string
}

// The forms of what andon browse prints.
const (
	browseTree   = "tree"
	browseConfig = "config"
	browseDiff   = "diff"
	browseJSON   = "json"
)

func browseCommand() *cobra.Command {
	b := browseCall{bounds: browse.DefaultBounds(), template: browse.DefaultTemplate()}
	cmd := &cobra.Command{
		Use:   "browse SOURCE",
		Short: "Show the variables of an OPC UA server, or configuration made of them",
		Long: `browse goes through the address space of an OPC UA server, in a session of its own, and prints its
variables: as a tree, as configuration that is ready to use, or what they and the present configuration
differ in (then the exit status is 1 when they do). It changes nothing, neither there nor here.

` + targetHelp + `

A path is the browse names from below the Objects folder, joined by /. Patterns of paths have * and ?
within a name and ** for any number of names; one that matches a folder takes in all below it.

--output config places each variable by --path: what {area}, {line} and {equipment} stand for there
become names, and the names below are the tag's. Roles are left to you.`,
		Example: `  andon browse -c andon.yaml packing                                  # a configured source
  andon browse -c andon.yaml packing --output diff                    # what came and went since
  andon browse opc.tcp://192.0.2.10:4840 --insecure --depth 3
  andon browse opc.tcp://plc:4840 --trusted pki/plc.der --include 'LineA/**' --exclude '**/Diagnostics' \
      --output config --path '{line}/{equipment}' --area packing > lineA.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return b.run(cmd, args[0]) },
	}
	b.addFlags(cmd)
	b.addOwnFlags(cmd)
	return cmd
}

func (b *browseCall) addOwnFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&b.filter.Include, "include", nil, "only variables whose path matches; may be repeated")
	f.StringArrayVar(&b.filter.Exclude, "exclude", nil, "no variables whose path matches; may be repeated")
	f.StringArrayVar(&b.filter.Types, "type", nil, "only variables of such a type definition or below an object of one, as a pattern of its name; may be repeated")
	f.StringArrayVar(&b.filter.Namespaces, "namespace", nil, "only nodes of the namespace with this URI; may be repeated")
	f.BoolVar(&b.filter.Properties, "properties", false, "also properties, which describe what they belong to")
	f.BoolVar(&b.server, "server", false, "also the Server object, which describes the server itself")
	f.IntVar(&b.bounds.Depth, "depth", b.bounds.Depth, "go so many levels down")
	f.IntVar(&b.bounds.Nodes, "max-nodes", b.bounds.Nodes, "end after so many nodes")
	f.DurationVar(&b.bounds.Time, "timeout", b.bounds.Time, "end after so long")
	f.StringVarP(&b.output, "output", "o", browseTree, "tree, config, diff or json")
	f.StringVar(&b.template.Path, "path", b.template.Path, "config: where the plant's names stand in a path")
	f.StringVar(&b.template.Area, "area", b.template.Area, "config: the area, where --path does not give it")
	f.StringVar(&b.template.Line, "line", b.template.Line, "config: the line, where --path does not give it")
	f.StringVar(&b.template.Equipment, "equipment", b.template.Equipment, "config: the equipment, where --path does not give it")
	forms := []string{browseTree, browseConfig, browseDiff, browseJSON}
	if err := cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was declared above
	}
}

// A browsed is what was found at a server.
type browsed struct {
	server
	client *opcua.Client
	tree   *browse.Tree
	found  []*browse.Node
}

func (b *browseCall) run(cmd *cobra.Command, arg string) error {
	show, ok := map[string]func(context.Context, io.Writer, browsed) error{
		browseTree: b.printTree, browseConfig: b.printConfig, browseDiff: b.printDiff, browseJSON: b.printJSON}[b.output]
	if !ok {
		return fmt.Errorf("--output %s: want tree, config, diff or json", b.output)
	}
	if err := b.filter.Validate().Err(); err != nil {
		return err
	}
	if err := b.template.Validate().Err(); err != nil {
		return err
	}
	s, err := b.find(arg, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if b.output == browseDiff && s.cfg == nil {
		return fmt.Errorf("--output diff: want the name of a configured source, not an address")
	}
	b.asDiscovered(cmd, s.options.Config.Discover)
	client, err := opcua.Open(cmd.Context(), s.options)
	if err != nil {
		return err
	}
	defer client.Close()
	x := browsed{server: s, client: client}
	if err := b.look(cmd.Context(), cmd.ErrOrStderr(), &x); err != nil {
		return err
	}
	return show(cmd.Context(), cmd.OutOrStdout(), x)
}

// asDiscovered makes configuration and differences those of the source's own
// discovery, where no flag says otherwise.
func (b *browseCall) asDiscovered(cmd *cobra.Command, d *opcua.Discover) {
	if d == nil || b.output != browseConfig && b.output != browseDiff {
		return
	}
	given := func(flags ...string) bool { return slices.ContainsFunc(flags, cmd.Flags().Changed) }
	if !given("include", "exclude", "type", "namespace", "properties") {
		b.filter = d.Filter
	}
	if !given("path", "area", "line", "equipment") {
		b.template = d.Place
	}
}

// look walks through the server and tells progress and what was left out.
func (b *browseCall) look(ctx context.Context, told io.Writer, x *browsed) error {
	began := time.Now()
	b.bounds.PerCall = min(b.bounds.PerCall, x.options.Config.MaxItemsPerCall)
	var err error
	x.tree, err = browse.Walk(ctx, x.client, browse.Options{Bounds: b.bounds, Include: b.filter.Include, Exclude: b.filter.Exclude, Server: b.server,
		Progress: func(p browse.Progress) {
			fmt.Fprintf(told, "%d nodes down to level %d, %d of it to go\n", p.Nodes, p.Level, p.Left)
		}})
	if err != nil {
		return err
	}
	if x.found, err = browse.Find(ctx, x.client, x.tree, b.filter); err != nil {
		return err
	}
	fmt.Fprintf(told, "%d variables of %d nodes in %v\n", len(x.found), x.tree.Nodes, time.Since(began).Round(time.Millisecond))
	if x.tree.Cut != "" {
		fmt.Fprintf(told, "not all was seen: the walk was cut %s\n", x.tree.Cut)
	}
	for _, t := range x.tree.Troubles {
		fmt.Fprintf(told, "not seen: what is below %s: %s\n", t.Path, t.Err)
	}
	return nil
}
