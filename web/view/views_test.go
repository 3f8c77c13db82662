package view

// views are all that are rendered, by name.
var views = map[string]any{
	"SettingReach": SettingReach, "SetupReach": SetupReach, "ReachBox": ReachBox,
	"AgentChangesBox": AgentChangesBox, "AgentFields": AgentFields, "AgentModels": AgentModels, "AgentPage": AgentPage,
	"AgentSaved": AgentSaved, "AgentStatusLine": AgentStatusLine, "AgentTryBox": AgentTryBox, "AgentVersions": AgentVersions,
	"Agents": Agents, "Bare": Bare, "BareWith": BareWith, "ChatAppend": ChatAppend,
	"ChatEarlierLines": ChatEarlierLines, "ChatFoot": ChatFoot, "ChatLineItem": ChatLineItem, "ChatList": ChatList,
	"Customer": Customer, "ChatNotes": ChatNotes, "ChatPendingPart": ChatPendingPart, "ChatTicks": ChatTicks, "ChatWindow": ChatWindow,
	"Conversations": Conversations, "DiffTable": DiffTable, "DryBox": DryBox, "Enter": Enter,
	"Entered": Entered, "Erased": Erased, "FrameUpdate": FrameUpdate, "Guardrails": Guardrails,
	"HealthPage": HealthPage, "HealthRows": HealthRows, "Home": Home, "HomeLive": HomeLive,
	"Icon": Icon, "Layout": Layout, "LinkUsed": LinkUsed, "LogList": LogList,
	"LogMore": LogMore, "LogRow": LogRow, "Login": Login, "Logs": Logs,
	"Memory": Memory, "ModelUses": ModelUses, "MetaChecks": MetaChecks, "MetaRefused": MetaRefused, "NewAgent": NewAgent,
	"NotSaved": NotSaved, "PhoneChatSwap": PhoneChatSwap, "PhoneEvents": PhoneEvents, "PhoneEventsSwap": PhoneEventsSwap,
	"PhoneLines": PhoneLines, "PhoneLinesSwap": PhoneLinesSwap, "PhoneScreen": PhoneScreen, "PhoneTick": PhoneTick,
	"PhoneTickSwap": PhoneTickSwap, "PhoneTyping": PhoneTyping, "Problem": Problem, "PullBar": PullBar,
	"PullOver": PullOver, "BackupBar": BackupBar, "BackupOver": BackupOver, "Restoring": Restoring, "SavedFile": SavedFile, "SettingAbout": SettingAbout,
	"SettingAccount": SettingAccount, "SettingAppearance": SettingAppearance, "SettingBackup": SettingBackup, "SettingChannel": SettingChannel,
	"SettingComputer": SettingComputer, "SettingMeta": SettingMeta, "SettingOperators": SettingOperators, "SettingRetention": SettingRetention,
	"SetupAccount": SetupAccount, "SetupAgent": SetupAgent, "SetupClosed": SetupClosed, "SetupDone": SetupDone,
	"SetupLanguage": SetupLanguage, "SetupMeta": SetupMeta, "SetupModel": SetupModel, "SetupModelState": SetupModelState,
	"SetupRestore": SetupRestore, "SetupTest": SetupTest, "SetupTestNumber": SetupTestNumber, "SetupTestState": SetupTestState,
	"TryBox": TryBox, "TryBubbles": TryBubbles, "TryForgotten": TryForgotten, "Why": Why,
	"WhyPage": WhyPage,
}

// words are the values of fields that have a meaning, and of arguments by their
// number. Addresses are among them: handlers make those, nobody types them.
var words = map[string]string{
	"Problem.0": "problem.internal", "SetupTestNumber.0": "+34 600 111 222", "Icon.0": "home", "DryBox.1": "EMAIL PHONE", "Enter.0": "/health", "Entered.0": "/health", "MetaRefused.1": "/settings/whatsapp", "SavedFile.1": "/settings", "NotSaved.1": "/settings",
	"ChatEarlierLines.1": "/conversations/7/earlier?before=3",
	"Page.Active":        "conversations", "Page.Health": "warn", "Page.Theme": "dark", "Banner.Link": "/health",
	"AgentRow.Status": "error", "AgentEditor.Tab": "versions", "AgentStatus.Note": "agent.publish_blocked", "AgentProblem.Severity": "error", "AgentChanges.Back": "form",
	"TryReply.Problem": "agent.try_empty", "TryVerdict.Direction": "input", "TryVerdict.Action": "rewrite", "TryVerdict.Found": "EMAIL PHONE", "AgentTool.Name": "datetime_now",
	"Agent.HideIn": "EMAIL PHONE", "Agent.HideOut": "EMAIL", "BackupRow.Kind": "nightly",
	"Chats.Path": "/conversations", "Chats.More": "/conversations?before=5-3", "Chats.Stream": "/conversations/stream?seen=3", "Chats.Filter": "needs",
	"ChatRow.Kind": "text", "ChatRow.Author": "agent", "Chat.Back": "/conversations", "Chat.Earlier": "/conversations/7/earlier?before=3",
	"ChatLine.Author": "agent", "ChatLine.Kind": "text", "ChatLine.Tick": "failed", "ChatLine.Trace": "/conversations/7/turns/t", "ChatMark.Entity": "EMAIL", "ChatMark.Action": "rewrite",
	"CustomerMemory.Role": "user", "CustomerDelivery.Tick": "read", "CustomerStep.Tick": "delivered", "CustomerFile.Data": "customer-7.json",
	"WhyTurn.Back": "/conversations/7", "WhyTurn.Outcome": "answered", "WhyStage.Name": "model", "WhyVerdict.Direction": "input", "WhyVerdict.Action": "rewrite", "WhyPrompt.Role": "user", "MemoryEntry.Role": "user",
	"ErasedRow.Table": "message", "ErasedFound.What": "name",
	"GuardrailPage.Entities": "EMAIL PHONE", "Rule.Type": "pii_detection", "Rule.Action": "redact", "Rule.Entities": "EMAIL PHONE", "HitRow.Direction": "input", "HitRow.Rule": "pii_detection", "HitRow.Entity": "EMAIL", "HitRow.Action": "rewrite",
	"Tried.Action": "rewrite", "Tried.Rule": "pii_detection", "TextPart.Entity": "EMAIL", "DryExample.Change": "hit", "Try.Direction": "input", "DryRun.PIIAction": "redact", "DryRun.LengthAction": "block", "DryRun.Entities": "EMAIL",
	"HomeView.Health": "warn", "Quiet.Link": "/health", "Quiet.Button": "home.quiet_how",
	"HealthRow.Name": "disk", "HealthRow.Status": "fail", "HealthView.Done": "check",
	"Log.Kind": "guardrail", "Log.Level": "error", "Log.Span": "month", "LogLine.Level": "error", "LogLine.Stage": "guardrail", "LogBar.Link": "/logs?from=2026-03-14T09:00",
	"Login.Problem": "login.wrong", "Meta.Back": "/settings/whatsapp", "MetaRow.State": "warn", "MetaRow.Key": "meta.check_token_until", "MetaCheck.Back": "/settings/whatsapp", "MetaFault.Key": "meta.check_secret_untested",
	"PhoneAssets.Style": "/static/phone.css", "PhoneAssets.HTMX": "/static/htmx.js", "PhoneAssets.SSE": "/static/sse.js", "PhoneAssets.Script": "/static/phone.js", "PhoneAssets.Icon": "/static/icon.svg",
	"PhoneLine.Kind": "image", "PhoneLine.Picture": "/phone/picture/7", "PhoneLine.Tick": "read", "PhoneEvent.Level": "warn", "PhoneEvent.Stage": "model",
	"SettingPage.Section": "account", "SettingPage.Saved": "saved", "Channel.Languages": "en es pt", "Account.Role": "staff", "Account.Language": "es", "Appearance.Theme": "dark", "Appearance.Language": "es",
	"Meta.Way": "tunnel", "Reach.Way": "tunnel", "Reach.Back": "/settings/reachability", "ReachState.Way": "tunnel", "ReachState.Back": "/settings/reachability", "ReachRow.State": "warn", "ReachRow.Key": "reach.way_odd",
	"SetupFrame.Now": "model", "SetupFrame.Saved": "saved", "SetupStep.Name": "agent", "Pull.State": "running", "BackupProgress.State": "running",
}

// optional are those of words that may be empty.
var optional = map[string]bool{"AgentStatus.Note": true, "TryReply.Problem": true, "Page.Theme": true, "Quiet.Link": true, "Quiet.Button": true, "HealthView.Done": true, "HomeView.Health": true, "Login.Problem": true, "SettingPage.Saved": true, "SetupFrame.Saved": true, "Pull.State": true, "BackupProgress.State": true, "Chats.More": true, "Chat.Earlier": true, "ChatLine.Trace": true, "ChatLine.Tick": true}
