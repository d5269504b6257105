/** Documents written for the tests, one of each generation. */
export const monolith = `# Garden Shed Setup

## Workflow Metadata
- **Workflow-Step**: Shed Setup
- **TaskID**: PHASE2-SHED-004
- **Step ID**: 4
- **Previous Step**: 03_Survey.md
- **Next Step**: 05_Opening.md

## Documentation & Templates

### Required Documents
1. **[Shed_Plan.md](mdc:docs/Shed_Plan.md)**: the plan (Replaces \`Hut_Plan.md\`)
2. **Roof_Guide.md**: how the roof is made (To be created)

## MCP Tools Required
- **edit_file**: write documents
- **run_terminal_cmd**: run commands

# Phase-02 (Strategic Level) - Building

## Task-01 (Tactical Level) - Foundations & Walls
- ID: P02-T01
- Description: Lay the ground.
- Prerequisites: None

### Subtask-01 (Operational Level) - Ground
- ID: P02-T01-S01
- Description: Prepare the ground.
- Prerequisites: None
- Agent Assignment: \`@builder-agent\` - Primary capabilities: \`digging\`, \`measuring\`.
- Documentation Links:
  - [Ground.md](mdc:docs/Ground.md)
  - [Ground_Sizes.json](mdc:docs/Ground_Sizes.json)
- Max Retries: 3
- On Failure: \`REVERT_STATE and ESCALATE_TO_HUMAN (@site-lead) with digging logs\`
- Steps:
    - Step ID: P02-T01-S01-01
      - Command: \`Measure the ground\`
      - Tool: \`run_terminal_cmd\`
      - Description: Measure twice.
      - Success Criteria:
          - Exit Code: \`0\`
          - Output Contains: \`"Ground measured"\`
    - Step ID: P02-T01-S01-02
      - Command: \`Write the sizes\`
      - Tool: \`edit_file\`
      - Description: Write them down.
      - Success Criteria:
          - File Exists: \`sizes.json\` or \`sizes.yml\`
          - File Content Matches: \`width.*depth\`
- Final Subtask Success Criteria: The ground is even.
- Next Subtask: P02-T01-S02 (Walls)

### Subtask-02 (Operational Level) - Walls
- ID: P02-T01-S02
- Description: Put up the walls.
- Prerequisites: Subtask P02-T01-S01 must be \`SUCCEEDED\`
- Agent Assignment: \`@builder-agent\` - Primary capabilities: \`carpentry\`.
- Documentation Links:
  - [Walls.md](mdc:docs/Walls.md)
- Max Retries: 2
- On Failure: \`NOTIFY_AND_CONTINUE\`
- Steps:
    - Step ID: P02-T01-S02-01
      - Command: \`Check that the heater answers\`
      - Tool: \`run_terminal_cmd\`
      - Description: Ask it.
      - Success Criteria:
          - HTTP Response: \`GET http://heater/health returns HTTP 200 OK\`
          - Process Running: \`heater\`
          - Unit Test Pass: \`wall-tests\`
          - Container Orchestration Pass: \`wall-cluster\`
          - Warmth Feeling: \`cosy\`
- Final Subtask Success Criteria: The walls stand.
- Next Subtask: None

## Success Criteria
- [ ] The shed stands
- [ ] It is dry

## Quality Gates
1. **Dryness**: no water inside

## Output Artifacts
1. **Hut_Plan.md**: the plan
2. **Shed_Platform**: the ground it stands on
`;

export const task = `---
phase: P02
task: T03
task_id: P02-S04-T03
title: Roof
agent: "@roofer-agent, @builder-agent"
---
## Output Artifacts Checklist
- [ ] docs/roof/Roof_Plan.md — Roof_Plan.md (missing)
- [x] docs/roof/Tiles.json — Tiles of the roof (missing)
- [ ] \`config/A/B-tiles.yml\` or \`config/tiles.yml\` — Tiles (missing)

## MCP Tools Required
- edit_file
- web_search

## Subtasks (Detailed)
### Subtask-01: Plan the roof
- **ID**: P02-T03-S01
- **Agent Assignment**: @roofer-agent (planning, drawing)
- **Documentation Links**: [Roof_Plan.md](mdc:docs/roof/Roof_Plan.md)
- **Steps**:
    1. Look how others do it (web_search, CognitiveProcessing)
    2. Write the plan (see the sketch) (Tool: edit_file)
        - Success: "Plan written", plan.md exists, content matches ridge
    3. Order tiles (Success: tiles.json or tiles.yml, supplier-tests pass)
- **Success Criteria**:
    - A roof that holds is described.
    - InternalState: roof planned.
- **Max Retries:** 1
- **On Failure:** ESCALATE_TO_HUMAN (@site-lead) with the drawings
- **Next Subtask**: None

## Quality Gates
- It rains nowhere.
`;

export const superPrompt = `---
task_id: P02-S04-T04
title: Paint
agent: ["@painter-agent", "@builder-agent"]
next_task: P02-S04-T05
---

# Super Prompt
@painter-agent: paint the shed.

1. **Documentation Reference**
   - Documentation in \`docs/paint/\`

2. **Collect Data/Input**
   - Gather the colours.

3. **Save Output**
   - docs/paint/Colours.md (Markdown)
   - docs/paint/Plan.json (JSON, schema: {"colours": [string], "coats": number, "more": {…}})
   - Save the order: \`docs/paint/Order.json\`
   - Output JSON schemas must include: { "items": [ ... ], "owner": "string" }

4. **Update Progress**
   - Mark this task as done in Step.json and DNA.json when all is reviewed.

5. Self-Check
   - [ ] Are all files there?
   - [ ] Is every wall painted?
`;

export const role = `# Gardener Agent — Starting Prompt

## Your Role
You are the AI Gardener Agent. You look after the shed.

## Workflow

### Phase 1: Look
1. **Weather**
   - Check: it does not rain

### Phase 2: Report
\`\`\`markdown
## Garden Report
- **Status:** <status>
\`\`\`

### Quality Gates
| Gate | Requirement | Failure Action |
|------|-------------|----------------|
| Dry | no water | Stop |

### Immediate Rollback Triggers
- Water comes in

## Success Criteria
| Criterion | Verification |
|-----------|--------------|
| **Tidy** | Nothing lies about |
`;

export const specKit = `# Tasks: Shed

## Phase 1: Setup
- [x] T001 Create the folder structure
- [ ] T002 [P] Write the readme in docs/readme.md
  - Acceptance: File Exists: \`docs/readme.md\`

## Phase 2: Story
- [ ] T003 [P] [US1] Build the door in src/door.ts (depends on T001, T002)

## Dependencies
- T001-T002 before T003
`;

export const taskMaster = `{
  "master": {
    "tasks": [
      {
        "id": 1, "title": "Door", "description": "Make the door", "status": "done", "dependencies": [],
        "testStrategy": "The door opens.", "subtasks": []
      },
      {
        "id": 2, "title": "Lock", "status": "pending", "dependencies": [1],
        "subtasks": [
          { "id": 1, "title": "Buy", "dependencies": [], "status": "pending" },
          { "id": 2, "title": "Mount", "dependencies": [1], "status": "pending", "testStrategy": "File Exists: \`lock.md\`" }
        ]
      }
    ]
  }
}
`;

export const all = {
  monolith,
  task,
  'super-prompt': superPrompt,
  role,
  'spec-kit': specKit,
  'task-master': taskMaster,
} as const;
